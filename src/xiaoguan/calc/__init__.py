"""Pure maths of sales management: whole numbers in, whole numbers out; no clock, no database, no framework.

Amounts are whole minor units (fen), rates whole 1/100,000, days are ``date``. Import a module and read its
docstring: ``from xiaoguan.calc import money, period, share, tree, pace, chance, rank, pivot, stage``.
"""
