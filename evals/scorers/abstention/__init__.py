"""Did an answer answer?"""
