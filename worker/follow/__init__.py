"""Public streams of posts, followed into the input topic: Bluesky's Jetstream, Mastodon's streaming API."""
