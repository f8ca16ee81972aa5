"""What trainers do from the command line, as functions a page can call. Runs in Rasa's environment; stands above bot and
backend, so that it may ask both (the guest's path: the safety screen first, then the pipeline)."""
