"""A network in a folder of parts, each made and checked by itself."""

from grnpyg.networks.shards.make import Made, Shares, make_shards, shard_scores, shares_left
from grnpyg.networks.shards.read import is_shards, read_shards

__all__ = ["Made", "Shares", "is_shards", "make_shards", "read_shards", "shard_scores", "shares_left"]
