"""Do the contexts carry an answer?"""
