"""What queries cost: token profiles of stored runs, priced under a machine of one's own or any API
model.
"""
