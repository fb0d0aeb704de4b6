"""Commands for `xiaoguan manage`."""
