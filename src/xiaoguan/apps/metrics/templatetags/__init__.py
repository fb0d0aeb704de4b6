"""What templates say of metrics."""
