"""Does an answer state the gold: typed slots, words, reference answers?"""
