"""Chinese and English vocabularies of spreadsheets: amounts, dates, company names, headers. Codes, never sentences."""
