"""Tables out of files: encodings, delimiters, workbooks, headers and what each row is. No Django, no business word."""
