"""What people do with the product, in a real browser against a real server."""
