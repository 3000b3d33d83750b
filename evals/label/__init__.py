"""What people say about stored answers, and what that says about metrics."""
