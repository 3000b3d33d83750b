"""How large a world is."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Size:
    """How many of each kind of thing, and how many clusters of each kind of item. ``scaled``
    multiplies them.

    ``paraphrases`` (1 to 4) is how many phrasings each cluster of the suites domain_accuracy
    (routing and forms aside) and hallucination has.
    """

    products: int = 48
    old_products: int = 18
    stores: int = 16
    old_stores: int = 5
    people: int = 24
    old_people: int = 6
    policies: int = 12
    campaigns: int = 12
    old_campaigns: int = 4
    releases: int = 12
    tickets: int = 16
    old_tickets: int = 4
    families: int = 6
    users_without: int = 6
    users_with_five: int = 22
    users_with_fifty: int = 2
    old_users: int = 6
    voices: int = 150
    closed_book: int = 96
    freshness: int = 72
    two_hops: int = 24
    three_hops: int = 12
    contested: int = 12
    personal: int = 66
    intents: int = 36
    extractions: int = 24
    twins: int = 64
    stressed: int = 42
    paraphrases: int = 1

    def scaled(self, factor: float) -> Size:
        """Every count times ``factor``, at least 1."""
        names = [f.name for f in fields(self) if f.name != "paraphrases"]
        counts = {name: max(1, round(getattr(self, name) * factor)) for name in names}
        return replace(self, **counts)
