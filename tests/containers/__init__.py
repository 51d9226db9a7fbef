"""docker-compose.yml on Docker itself; `make test-containers`."""
