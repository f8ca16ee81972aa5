# Two commands do everything on a fresh machine: `make run` and `make test`. The rest are for everyday work.
PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help run test setup train assess compare publish rollback versions talk check-content check-data forstaa lint lock widget backup restore bench clean

help: ## vis denne liste
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## hent, byg, træn og start det hele; skriver hvor du skal gå hen
	@$(PYTHON) deploy/start.py

test: ## alle prøver, med alt hvad maskinen har (browser, PostgreSQL)
	@$(PYTHON) deploy/test.py

setup: ## de to Python-miljøer, uden at starte noget
	@$(PYTHON) deploy/setup.py

train: setup ## træn sproget, hvis data er ændret
	@$(PYTHON) deploy/model.py

assess: train ## vurdér mange beskeder på én gang: make assess IN=beskeder.jsonl OUT=svar.jsonl
	@.venv-rasa/bin/python -m trainer.assess $(if $(IN),"$(IN)") $(if $(OUT),"$(OUT)")

compare: train ## hvad læser den nye model anderledes end den udgivne
	@.venv-rasa/bin/python -m trainer.compare

publish: train ## udgiv den nye model, hvis den ikke overser fare: make publish NOTE="nye linjer om søvn"
	@.venv-rasa/bin/python -m trainer.publish publish --note "$(NOTE)"

rollback: ## tilbage til den model, der var udgivet før
	@.venv-rasa/bin/python -m trainer.publish rollback

versions: ## hvilke modeller er udgivet, og hvilken er i brug
	@.venv-rasa/bin/python -m trainer.publish list

talk: train ## skriv med botten i terminalen og se, hvordan hver besked bliver forstået
	@.venv-rasa/bin/python -m trainer.talk

check-content: setup ## hvad mangler, strider eller udløber i municipalities/ (DAGE=200 ser længere frem)
	@.venv/bin/python -m backend.catalogue check $(if $(DAGE),--days $(DAGE))

forstaa: ## hvad botten forstår ved en tekst: make forstaa TEKST="jeg er ked af det"
	@.venv-rasa/bin/python -m trainer.explain "$(TEKST)"

check-data: ## modsigelser, dubletter og for få eksempler i bot/data
	@.venv-rasa/bin/python -m trainer.check_data

lint: ## ruff over det hele
	@.venv/bin/ruff check .

widget: setup ## byg web_widget/dist igen
	@cd web_widget && ../.venv/bin/npm ci --no-audit --no-fund && ../.venv/bin/npm run build

backup: ## kopi af databasen (nøglen er ikke med): .run/backups
	@$(PYTHON) deploy/backup.py make

restore: ## læg en kopi tilbage og slet igen det, der er slettet siden: make restore FILE=<kopi>
	@$(PYTHON) deploy/backup.py restore "$(FILE)"

bench: setup ## målinger: fart, hukommelse, forståelse
	@.venv/bin/python -m benchmarks

lock: ## regn låsefilerne ud igen fra requirements/*.in
	@$(PYTHON) deploy/lock.py

clean: ## fjern alt, der kan bygges igen (ikke databasen)
	@rm -rf .venv .venv-rasa .run/tools bot/models/*.tar.gz .rasa
