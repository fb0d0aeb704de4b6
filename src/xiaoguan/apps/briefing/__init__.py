"""What moved in a day, a week or a month, what stands out and why: in sentences that are computed."""
