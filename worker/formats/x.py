"""Shapes of X: API v2, flat or in the stream's envelope, and API v1.1."""

from worker.formats.types import Found, JsonObject, Skip

_V1_NOTICES = {
    "delete", "scrub_geo", "limit", "status_withheld", "user_withheld", "disconnect", "warning", "friends",
    "for_user", "control",
}  # fmt: skip
_V1_FIELDS = {"full_text", "extended_tweet", "retweeted_status", "id_str"}


def plain(value: JsonObject) -> Found | None:
    """Find `id` and `text`, or `Id` and `Text`."""
    names = "id", "text"
    if "text" not in value and "Text" in value:
        names = "Id", "Text"
    if names[1] not in value:
        return None
    return Found(value.get(names[0]), value[names[1]], value)


def x_v2(value: JsonObject) -> Found | Skip | None:
    """Find the post of X's API v2, with the whole text of a long post and of a repost."""
    post = value.get("data")
    if "text" not in value and isinstance(post, dict) and post.keys() & {"text", "note_tweet"}:
        return Found(post.get("id"), _v2_text(post, value.get("includes")), post)
    if value.keys() == {"errors"}:
        return Skip.NOTICE
    return Found(value.get("id"), _v2_text(value, None), value) if "text" in value or "note_tweet" in value else None


def _v2_text(post: JsonObject, includes: object) -> object:
    original = _reposted(post, includes) or post
    note = original.get("note_tweet")
    return note["text"] if isinstance(note, dict) and note.get("text") else original.get("text")


def _reposted(post: JsonObject, includes: object) -> JsonObject | None:
    """Return the post that this one repeats, if the envelope includes it: the text of a repost is cut."""
    references, posts = post.get("referenced_tweets"), includes.get("tweets") if isinstance(includes, dict) else None
    if not isinstance(references, list) or not isinstance(posts, list):
        return None
    ids = [r.get("id") for r in references if isinstance(r, dict) and r.get("type") == "retweeted"]
    return next((p for p in posts if isinstance(p, dict) and p.get("id") in ids and p.get("text")), None)


def x_v1(value: JsonObject) -> Found | Skip | None:
    """Find the tweet of X's API v1.1, with the whole text of a long tweet and of a retweet; skip its notices."""
    if len(value) == 1 and value.keys() <= _V1_NOTICES:
        return Skip.NOTICE
    if not value.keys() & _V1_FIELDS:
        return None
    return Found(value.get("id", value.get("id_str")), _v1_text(value), value)


def _v1_text(tweet: JsonObject) -> object:
    original = tweet.get("retweeted_status")
    tweet = original if isinstance(original, dict) else tweet
    extended = tweet.get("extended_tweet")
    full = extended.get("full_text") if isinstance(extended, dict) else None
    return full or tweet.get("full_text") or tweet.get("text")
