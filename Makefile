# Aliases of ./daymark; `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo up test check bench clean

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## an invented authority, live: history, then events as they come
	@./daymark demo

up: ## the servers and the three services, for events of your own
	@./daymark up

test: ## all checks and all tests
	@./daymark test

check: ## lint, format, types, import contracts
	@./daymark check

bench: ## measure it on this machine
	@./daymark bench

clean: ## remove the environment and all local data (var/)
	rm -rf .venv .venv-build var
