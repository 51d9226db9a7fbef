"""Docker Engine for machines without Docker or an image registry: from Debian's packages, in namespaces of its own."""
