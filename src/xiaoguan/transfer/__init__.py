"""Bringing files in: reading any table safely, recognising its layout, mapping, planning and running an import."""
