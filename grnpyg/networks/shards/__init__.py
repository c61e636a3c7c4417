"""A network in a folder of parts, each made and checked by itself."""

from grnpyg.networks.shards.make import Made, make_shards, require_shares, shard_scores
from grnpyg.networks.shards.read import is_shards, read_shards

__all__ = ["Made", "is_shards", "make_shards", "read_shards", "require_shares", "shard_scores"]
