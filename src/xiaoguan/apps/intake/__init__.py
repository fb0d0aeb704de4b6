"""Files that come by themselves: watched folders and web addresses, read by the clock in somebody's name."""
