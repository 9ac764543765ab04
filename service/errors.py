"""What can go wrong, and what does the person read? The one tree of errors, each with its status and code.

Refused
├── Problems               422  content or rule problems, all at once
├── BadRequest             400
├── NotLoggedIn            401
├── NotAllowed             403
├── NotFound               404  also for objects the person may not see
├── Stale                  409  this visit, its form or its release changed meanwhile
├── Gone                   410  a link that was used, or is too old
├── TooLarge               413
├── WrongKind              415
├── IdempotencyConflict    422
├── Locked                 423
├── IdempotencyMissing     428
├── TooMany                429
└── DatabaseAway           503
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from forms.problem import Problem


class Refused(Exception):
    """请求没有被接受。"""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "请求未被接受"

    def __init__(self, detail: str | None = None, *, extra: Mapping[str, Any] | None = None) -> None:
        """Keep the sentence for the person; without one the docstring of the class is it."""
        self.detail = detail or (self.__doc__ or "").strip()
        #: Further members of the answer, such as what happened since (Stale) or why a verb is closed.
        self.extra = dict(extra or {})
        super().__init__(self.detail)

    @property
    def headers(self) -> dict[str, str]:
        """Headers the answer must carry."""
        return {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every single problem, for the page to show at its field."""
        return ()


class Problems(Refused):
    """填写内容有问题，请按提示逐项修改后再提交。"""

    status = 422
    code = "problems"
    title = "内容需要修改"

    def __init__(self, problems: Iterable[Problem], detail: str | None = None) -> None:
        """Take all problems at once; there must be at least one."""
        self._problems = tuple(problems)
        super().__init__(detail)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every single problem, in the order of the form."""
        return self._problems


class BadRequest(Refused):
    """请求的格式不正确，无法读取。"""

    code = "bad_request"
    title = "请求格式不正确"


class NotLoggedIn(Refused):
    """请先登录。"""

    status = 401
    code = "not_logged_in"
    title = "尚未登录"


class NotAllowed(Refused):
    """您没有办理此事项的权限。如确需办理，请联系本单位安全管理员。"""

    status = 403
    code = "not_allowed"
    title = "没有权限"


class NotFound(Refused):
    """没有找到您要的内容，可能已被移走，或您无权查看。"""

    status = 404
    code = "not_found"
    title = "没有找到"


class Stale(Refused):
    """本事项在您打开页面之后已有变化，请刷新后再办理。"""

    status = 409
    code = "stale"
    title = "页面已过时"


class Gone(Refused):
    """这个链接已经失效。"""

    status = 410
    code = "gone"
    title = "链接已失效"


class TooLarge(Refused):
    """文件或请求过大，请拆分或压缩后再上传。"""

    status = 413
    code = "too_large"
    title = "内容过大"


class WrongKind(Refused):
    """不接受这种类型的文件或内容。"""

    status = 415
    code = "wrong_kind"
    title = "类型不被接受"


class IdempotencyConflict(Refused):
    """同一个 Idempotency-Key 已用于另一个内容不同的请求，请换用新的值。"""

    status = 422
    code = "idempotency_conflict"
    title = "重复请求内容不一致"


class Locked(Refused):
    """该事项已被锁定，暂时不能办理。"""

    status = 423
    code = "locked"
    title = "已锁定"


class IdempotencyMissing(Refused):
    """更改数据的请求必须带 Idempotency-Key 请求头。"""

    status = 428
    code = "idempotency_missing"
    title = "缺少 Idempotency-Key"


class TooMany(Refused):
    """操作过于频繁，请稍后再试。"""

    status = 429
    code = "too_many"
    title = "操作过于频繁"

    @property
    def headers(self) -> dict[str, str]:
        """Tell clients to wait a minute."""
        return {"Retry-After": "60"}


class DatabaseAway(Refused):
    """数据库暂时不可用，您的操作没有保存，请稍后重试。"""

    status = 503
    code = "database_away"
    title = "暂时不能服务"

    @property
    def headers(self) -> dict[str, str]:
        """Tell clients to come back soon."""
        return {"Retry-After": "5"}


def answer(error: Refused) -> dict[str, Any]:
    """The problem+json members of an error: title, detail, code, problems and what the error adds."""
    return {
        "title": error.title,
        "detail": error.detail,
        "code": error.code,
        "problems": [problem.to_json() for problem in error.problems],
        **error.extra,
    }
