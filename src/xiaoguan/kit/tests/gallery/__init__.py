"""Pages that show every component; see cast.py."""
