# Thin on purpose: everything is in tools/bootstrap.py, which also works where there is no make.
PYTHON ?= python3
export PORT TEST BENCH DATABASE_URL XIAOGUAN_HOME

.PHONY: run test check bench install messages docs lock audit
run test check bench install messages docs lock audit:
	@$(PYTHON) tools/bootstrap.py $@
