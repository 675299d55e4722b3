"""File effects: what is done to objects after the rows."""

from collections.abc import Collection

import sqlalchemy as sa

from lacuna.model.queue import (
    Effect,
    EffectAction,
    EffectTotal,
)
from lacuna.stores.postgres.queue.queue_part import Connected


class Effects(Connected):
    """File effects: what is done to objects after the rows."""

    def put(self, request_id: str, effects: Collection[tuple[EffectAction, str, str, str]]) -> None:
        self._put_effects(request_id, None, effects)

    def pending(self, request_id: str) -> list[Effect]:
        return self._effects("request_id = :owner", request_id, None)

    def pending_rewrites(self, request_ids: Collection[str]) -> list[Effect]:
        return self._effects(
            "action <> 'delete_object' and request_id in ("
            "  select request_id from lacuna.request "
            "  where request_id = any(cast(:owner as uuid[])) and state = 'applied' "
            "  and not exists (select from lacuna.portion where portion.request_id = "
            "    request.request_id and transaction is null))",
            list(request_ids),
            None,
        )

    def requests(self, request_ids: Collection[str]) -> list[str]:
        return list(
            self._connection.execute(
                sa.text(
                    "select request_id::text from lacuna.request "
                    "where request_id = any(cast(:ids as uuid[])) and state = 'applied' and ("
                    "  exists (select from lacuna.file_effect where file_effect.request_id = request.request_id) "
                    "  or exists (select from lacuna.portion where portion.request_id = "
                    "    request.request_id and transaction is null)) "
                    "order by received_at, request_id"
                ),
                {"ids": list(request_ids)},
            ).scalars()
        )

    def put_rule_effects(
        self, rule: str, effects: Collection[tuple[EffectAction, str, str, str]]
    ) -> None:
        self._put_effects(None, rule, effects)

    def pending_rule_effects(self, rule: str, limit: int) -> list[Effect]:
        return self._effects("rule = :owner", rule, limit)

    def pending_paths(self, store: str) -> frozenset[str]:
        return frozenset(
            self._connection.execute(
                sa.text(
                    "select path from lacuna.file_effect where store = :store and state = 'pending'"
                ),
                {"store": store},
            ).scalars()
        )

    def _put_effects(
        self,
        request_id: str | None,
        rule: str | None,
        effects: Collection[tuple[EffectAction, str, str, str]],
    ) -> None:
        if effects:
            self._connection.execute(
                sa.text(
                    "insert into lacuna.file_effect (request_id, rule, action, store, pattern, path) "
                    "values (:id, :rule, :action, :store, :pattern, :path)"
                ),
                [
                    {
                        "id": request_id,
                        "rule": rule,
                        "action": str(action),
                        "store": store,
                        "pattern": pattern,
                        "path": path,
                    }
                    for action, store, pattern, path in effects
                ],
            )

    def _effects(self, condition: str, owner: str | list[str], limit: int | None) -> list[Effect]:
        # The condition is one of the constants above; every value is a parameter.
        query = (
            sa.select(sa.text("effect_id, request_id::text, action, store, pattern, path"))
            .select_from(sa.text("lacuna.file_effect"))
            .where(sa.text(condition), sa.text("state = 'pending'"))
            .order_by(sa.text("effect_id"))
            .limit(limit)
        )
        return [
            Effect(effect_id, request_id, EffectAction(action), store, pattern, path)
            for effect_id, request_id, action, store, pattern, path in self._connection.execute(
                query, {"owner": owner}
            )
        ]

    def finish(self, effect: Effect, *, was_there: bool) -> None:
        """Not when: the folder of a file would say which request it went for."""
        self._connection.execute(
            sa.text(
                "update lacuna.file_effect set state = :state, path = null "
                "where effect_id = :id and state = 'pending'"
            ),
            {"state": "done" if was_there else "absent", "id": effect.effect_id},
        )

    def finished(self, request_id: str) -> list[EffectTotal]:
        rows = self._connection.execute(
            sa.text(
                "select action, store, pattern, count(*) filter (where state = 'done'), "
                "count(*) filter (where state = 'absent') from lacuna.file_effect "
                "where request_id = :id and state <> 'pending' "
                "group by action, store, pattern order by action, store, pattern"
            ),
            {"id": request_id},
        )
        return [EffectTotal(EffectAction(row[0]), *row[1:]) for row in rows]

    def forget(self, request_id: str) -> None:
        self._connection.execute(
            sa.text("delete from lacuna.file_effect where request_id = :id and state <> 'pending'"),
            {"id": request_id},
        )
