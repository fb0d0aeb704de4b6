"""Files that come beside a sheet: a zip whose files are laid to the records that an import brought."""
