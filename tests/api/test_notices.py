"""Does a program read and mark its person's notices, and nobody else's?"""

from db.connection import database_now
from service import notice_events


def test_what_happened_is_told_and_marked(call, district):
    case = district.start()["case_id"]
    district.at = database_now(district.session)  # old news is told to nobody
    district.walk(case, "draft")
    notice_events.tell(district.session, district.at)
    district.session.commit()
    leader, clerk = call("UNIT_LEADER"), call("UNIT_CLERK")

    (row,) = leader.get("/notices?unread=true").json["rows"]
    assert (row["kind"], row["case_id"], row["facts"]["node"], row["read"]) == ("task", case, "审签申报材料", False)
    assert clerk.get("/notices").json["total"] == 0
    assert leader.post("/notices/read", {"notice_id": row["id"]}).json == {"read": 1}
    assert leader.get("/notices?unread=true").json["total"] == 0
    assert leader.get("/notices?kind=all").status_code == 422
