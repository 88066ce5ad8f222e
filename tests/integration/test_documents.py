"""文书: made once nothing is missing, numbered without gaps, signed, served; a clerk's days on a simulated clock."""

from __future__ import annotations

import io
import threading
import zipfile
from base64 import b64encode
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
import sqlalchemy as sa

from jiefen import (
    EVERYWHERE,
    Actor,
    AlreadyDone,
    Conflict,
    Document,
    FactError,
    FileError,
    FileKeys,
    FixedClock,
    NotAllowed,
    NotFound,
    UnknownValue,
)
from jiefen.documents.pdf import as_pdf
from jiefen.outside.files import digest_of
from jiefen.record.kinds import Happening
from tests.conformance.layouts import FOLDER, layouts
from tests.integration.conftest import Opener
from tests.integration.test_petitions import OPINION, Office

ORGAN = Actor("0701", frozenset({"handling_organ"}), "140429")
CHIEF = Actor("0700", frozenset({"handling_organ_head"}), "140429")
OFFICER = Actor("0302", frozenset({"petition_officer"}), "140429102")
ORGAN_ABOVE = {"organ_above": "武乡县水务局的上一级机关"}
ASKERS = [
    {"part": "applicant", "name": "赵大有", "phone": "13800000001", "address": "洪水镇一村"},
    {"part": "applicant", "name": "钱二有", "phone": "13800000002", "address": "洪水镇二村"},
]
PROOF = b"%PDF-1.7 receipt"


class Papers(Office):
    """The same desk, with the papers of its cases."""

    def petition(self, key: str) -> int:
        """A petition of two people on which an opinion can be given."""
        case = self.engine.open_case(
            "dispute",
            {
                "source": "petition_backlog", "organ_part": True, "dispute_type": "neighbour",
                "area": "140429102201", "title": "水渠被占", "received_on": self.today.isoformat(),
            },
            key=key,
            by=Actor("0412", frozenset({"township_coordinator"}), EVERYWHERE),
            parties=ASKERS,
        ).id  # fmt: skip
        self.accept(case)
        return case

    def opinion(self, case: int, party: int) -> Document:
        """The opinion for one of them, signed."""
        made = self.engine.documents.make(
            case, "petition_opinion", party=party, content=ORGAN_ABOVE, by=ORGAN
        )
        return self.engine.documents.sign(case, made.seq, by=CHIEF)

    def proof(self, case: int, name: str = "送达回证.pdf") -> int:
        return self.engine.attachments.add(case, name, PROOF, by=ORGAN).seq

    def serve(self, case: int, made: Document, party: int, way: str = "direct", **more: Any) -> Any:
        asked = {"day": self.today, "by": ORGAN} | more
        return self.engine.documents.serve(case, made.seq, party, way=way, **asked)


@pytest.fixture
def papers(opener: Opener, clock: FixedClock) -> Papers:
    return Papers(opener(processes=None, rules=None), clock)


@pytest.fixture
def decided(papers: Papers) -> int:
    """A petition on which an opinion was given; it is to be served."""
    case = papers.petition("xf:1")
    papers.do(case, "handle", **OPINION)
    return case


class TestMaking:
    def test_what_the_article_asks_for_is_named_when_it_is_missing(self, papers: Papers) -> None:
        case = papers.petition("xf:1")
        with pytest.raises(FactError) as refused:
            papers.engine.documents.make(case, "petition_opinion", party=1, by=ORGAN)
        for said in ("投诉请求", "处理意见", "法律法规依据", "复查机关", "第三十二条第一款"):
            assert said in str(refused.value.zh)
        assert "The request" in str(refused.value)
        told = papers.engine.documents.draft(case, "petition_opinion", party=1, by=ORGAN)
        assert {one.blank for one in told.missing} == {
            "said.request", "said.reasons", "said.opinion", "said.basis", "said.organ_above",
        }  # fmt: skip
        assert papers.engine.documents.of(case, by=ORGAN) == []

    def test_it_says_the_matter_the_remedy_and_the_last_day(self, papers: Papers, decided: int) -> None:
        made = papers.opinion(decided, 1)
        text = papers.engine.documents.read(decided, made.seq, by=ORGAN).decode()
        for said in (
            "赵大有：", "恢复水渠", "水渠在规划之外", "不予支持", "自收到本意见书之日起30日内",
            "武乡县水务局的上一级机关", "最后一天是2026年4月1日", "140429信处〔2026〕1号", "2026年3月2日",
        ):  # fmt: skip
            assert said in text, said
        told = papers.engine.documents.draft(
            decided, "petition_opinion", party=2, content=ORGAN_ABOVE, by=ORGAN, language="en"
        )
        assert "within 30 days of receiving this opinion" in "\n".join(told.lines)

    def test_a_draft_becomes_the_next_version_under_its_number(self, papers: Papers, decided: int) -> None:
        documents = papers.engine.documents
        first = documents.make(decided, "petition_opinion", party=1, content=ORGAN_ABOVE, by=ORGAN)
        again = documents.make(
            decided, "petition_opinion", party=1, content=ORGAN_ABOVE | {"opinion": "部分支持"}, by=ORGAN,
            replaces=first.seq,
        )  # fmt: skip
        assert (again.seq, again.number, again.version) == (first.seq, first.number, 2)
        assert "不予支持" in documents.read(decided, first.seq, by=ORGAN, version=1).decode()
        assert "部分支持" in documents.read(decided, first.seq, by=ORGAN).decode()
        kept = [data["digests"]["txt"] for _, data in papers.told(decided, Happening.DOCUMENT_MADE)]
        assert kept == [first.digests["txt"], again.digests["txt"]]
        documents.sign(decided, first.seq, by=CHIEF)
        with pytest.raises(AlreadyDone, match="void it"):
            documents.make(
                decided, "petition_opinion", party=1, content=ORGAN_ABOVE, by=ORGAN, replaces=first.seq
            )

    def test_who_makes_and_who_signs_stands_in_the_kind(self, papers: Papers, decided: int) -> None:
        documents = papers.engine.documents
        with pytest.raises(NotAllowed, match="handling_organ"):
            documents.make(decided, "petition_opinion", party=1, content=ORGAN_ABOVE, by=OFFICER)
        made = documents.make(decided, "petition_opinion", party=1, content=ORGAN_ABOVE, by=ORGAN)
        with pytest.raises(NotAllowed, match="handling_organ_head"):
            documents.sign(decided, made.seq, by=ORGAN)
        with pytest.raises(Conflict, match="not signed yet"):
            papers.serve(decided, made, 1)
        signed = documents.sign(decided, made.seq, by=CHIEF)
        assert (signed.status, signed.made_by, signed.signed_by) == ("signed", "0701", "0700")

    def test_what_is_not_there_is_told(self, papers: Papers, decided: int) -> None:
        documents = papers.engine.documents
        with pytest.raises(UnknownValue, match="petition_opinion"):
            documents.make(decided, "petition_opinon", party=1, by=ORGAN)
        with pytest.raises(NotFound, match="no party 7"):
            documents.make(decided, "petition_opinion", party=7, by=ORGAN)
        with pytest.raises(FactError, match="organ_above"):
            documents.make(decided, "petition_opinion", party=1, content={"organ_abov": "x"}, by=ORGAN)
        with pytest.raises(FactError, match="for whom"):
            documents.make(decided, "petition_opinion", by=ORGAN)
        with pytest.raises(NotFound, match="no document 9"):
            documents.read(decided, 9, by=ORGAN)


class TestDocx:
    def test_it_is_a_page_with_the_same_words_and_the_same_bytes_each_time(
        self, papers: Papers, decided: int
    ) -> None:
        made = papers.opinion(decided, 1)
        content = papers.engine.documents.read(decided, made.seq, by=ORGAN, form="docx")
        assert digest_of(content) == made.digests["docx"]
        words = [one.text for one in docx.Document(io.BytesIO(content)).paragraphs]
        for said in ("承办机关", "140429信处〔2026〕1号", "信访事项处理意见书", "不予支持", "2026年3月2日"):
            assert any(said in one for one in words), said
        assert not any("{" in one for one in words)
        papers.clock.advance(timedelta(seconds=61))
        again = papers.engine.documents.make(
            decided, "petition_opinion", party=1, content=ORGAN_ABOVE, by=ORGAN
        )
        with zipfile.ZipFile(io.BytesIO(content)) as page:
            assert {one.date_time[0] for one in page.infolist()} == {1980}
        assert again.digests != made.digests, "it has another number"

    def test_what_people_write_is_no_template(self, papers: Papers, decided: int) -> None:
        made = papers.engine.documents.make(
            decided, "petition_opinion", party=1, by=ORGAN,
            content=ORGAN_ABOVE | {"opinion": "<w:t>{{ office }}&{document.number}"},
        )  # fmt: skip
        content = papers.engine.documents.read(decided, made.seq, by=ORGAN, form="docx")
        words = "\n".join(one.text for one in docx.Document(io.BytesIO(content)).paragraphs)
        assert "<w:t>{{ office }}&{document.number}" in words

    def test_the_layouts_that_come_along_are_those_that_are_made(self) -> None:
        for name, content in layouts().items():
            assert (FOLDER / name).read_bytes() == content, "run python -m tests.conformance.layouts"


class TestKinds:
    def test_every_kind_can_be_made_once_what_it_asks_for_is_said(self, papers: Papers) -> None:
        case = papers.petition("xf:1")
        papers.do(case, "handle", **OPINION)
        facts = {"agreed_on": papers.today, "session_on": papers.today}
        papers.engine.correct(case, facts, reason="补登", by=ORGAN)
        session = {"session_time": "09:30", "session_place": "综治中心"}
        papers.engine.correct(case, session, reason="补登", by=ORGAN)
        for kind in papers.engine.documents.kinds("140429102"):
            party = 1 if kind.addressed == "party" else None
            bare = papers.engine.documents.draft(case, kind.id, party=party, by=ORGAN)
            asked = {one.blank.removeprefix("said.") for one in bare.missing if one.blank.startswith("said.")}
            assert asked <= set(kind.asks), kind.id
            role = papers.engine.edition.rulebook.roles[kind.made_by[0]]
            maker = Actor(
                "0800", frozenset({role.id}), "140429102201" if role.level == "village" else "140429102"
            )
            if role.level not in ("village", "township", "grid"):
                maker = Actor("0800", frozenset({role.id}), EVERYWHERE)
            content = {name: f"〔{name}〕" for name in kind.asks}
            made = papers.engine.documents.make(case, kind.id, party=party, content=content, by=maker)
            text = papers.engine.documents.read(case, made.seq, by=ORGAN).decode()
            for name in kind.asks:
                assert f"〔{name}〕" in text, (kind.id, name)
            assert kind.title.zh in text
            assert "____" not in text.replace("________________", ""), kind.id
            assert made.number is None or made.number in text

    def test_what_a_mediation_ends_in_says_until_when(self, papers: Papers) -> None:
        case = papers.petition("xf:1")
        mediator = Actor("0301", frozenset({"township_mediator"}), "140429102")
        documents = papers.engine.documents
        with pytest.raises(FactError) as refused:
            documents.make(case, "mediation_agreement", by=mediator)
        assert "第二十九条第一款第三项" in str(refused.value.zh)
        made = documents.make(
            case, "mediation_agreement", by=mediator,
            content={"facts": "水渠改道", "terms": "恢复原状", "performance": "三十日内履行完毕"},
        )  # fmt: skip
        text = documents.read(case, made.seq, by=mediator).decode()
        assert "自协议生效之日起30日内共同向人民法院申请司法确认" in text
        assert "最后一天是2026年4月1日" in text
        with pytest.raises(FactError, match="signed by the parties"):
            documents.sign(case, made.seq, by=mediator)
        signed = documents.sign(case, made.seq, by=mediator, proof=papers.proof(case))
        assert signed.status == "signed"
        with pytest.raises(Conflict, match="is not served"):
            papers.serve(case, made, 1)


class TestPdf:
    def test_where_there_is_no_program_it_says_so(
        self, papers: Papers, decided: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = papers.opinion(decided, 1)
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(FileError, match="no LibreOffice"):
            papers.engine.documents.read(decided, made.seq, by=ORGAN, form="pdf")

    @pytest.mark.parametrize("does", ["pdf", "nothing", "sleep"])
    def test_what_the_program_makes_is_given(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str
    ) -> None:
        monkeypatch.setattr("jiefen.documents.pdf._LONGEST", 1 if does == "sleep" else 60)
        script = {"pdf": "printf '%%PDF-1.7' > document.pdf", "nothing": "true", "sleep": "sleep 600"}[does]
        program = tmp_path / "soffice"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        if does == "pdf":
            assert as_pdf(b"docx") == b"%PDF-1.7"
            return
        with pytest.raises(FileError, match="made no PDF" if does == "nothing" else "more than 1 seconds"):
            as_pdf(b"docx")


class TestNumbers:
    def test_a_void_number_is_never_given_again(self, papers: Papers, decided: int) -> None:
        documents = papers.engine.documents
        first, second = papers.opinion(decided, 1), papers.opinion(decided, 2)
        gone = documents.void(decided, first.seq, reason="送错人", by=ORGAN)
        third = papers.opinion(decided, 1)
        assert [one.number for one in (gone, second, third)] == [
            f"140429信处〔2026〕{number}号" for number in (1, 2, 3)
        ]
        assert [one.status for one in documents.of(decided, by=ORGAN)] == ["voided", "signed", "signed"]
        with pytest.raises(AlreadyDone):
            documents.sign(decided, first.seq, by=CHIEF)

    def test_each_office_kind_and_year_has_a_row_of_its_own(self, papers: Papers, decided: int) -> None:
        papers.opinion(decided, 1)
        receipt = papers.engine.documents.make(decided, "petition_receipt", party=1, by=OFFICER)
        assert receipt.number == "140429102信登〔2026〕1号"
        papers.wait(310)
        assert papers.opinion(decided, 2).number == "140429信处〔2027〕1号"

    def test_what_is_rolled_back_leaves_no_gap(self, papers: Papers, decided: int) -> None:
        def broken_off() -> None:
            with papers.engine._runtime.writing() as connection:
                papers.engine.documents.make(
                    decided, "petition_opinion", party=1, content=ORGAN_ABOVE, by=ORGAN, session=connection
                )
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            broken_off()
        assert papers.opinion(decided, 1).number == "140429信处〔2026〕1号"

    def test_many_at_once_leave_no_gap_and_no_double(self, papers: Papers) -> None:
        cases = [papers.petition(f"xf:{number}") for number in range(4)]
        for case in cases:
            papers.do(case, "handle", **OPINION)
        made: list[str | None] = []
        wrong: list[BaseException] = []

        def work(case: int) -> None:
            try:
                for party in (1, 2, 1, 2):
                    done = papers.engine.documents.make(
                        case, "petition_opinion", party=party, content=ORGAN_ABOVE, by=ORGAN
                    )
                    made.append(done.number)
            except BaseException as error:
                wrong.append(error)

        threads = [threading.Thread(target=work, args=(case,)) for case in cases]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert sorted(made, key=str) == sorted(
            (f"140429信处〔2026〕{number}号" for number in range(1, 17)), key=str
        )


class TestService:
    def test_the_right_runs_from_the_day_of_service_and_not_of_the_paper(
        self, papers: Papers, decided: int
    ) -> None:
        made = papers.opinion(decided, 1)
        papers.wait(5)
        assert "petition.review_request" not in papers.running(decided)
        served = papers.serve(decided, made, 1)
        assert (served.day, served.served_on) == (date(2026, 3, 7), date(2026, 3, 7))
        [right] = served.last_days
        # 30 days from 7 March are 6 April, the day of 清明 (off until the 6th): the next working day.
        assert (right.rule, right.due_on) == ("petition.review_request", date(2026, 4, 7))
        assert papers.running(decided)["petition.review_request"] == date(2026, 4, 7)
        assert "petition.handle" not in papers.running(decided)
        assert papers.facts(decided)["served_on"] == date(2026, 3, 7)
        papers.do(decided, "serve_opinion", served_on=papers.today)
        assert papers.running(decided)["petition.review_request"] == date(2026, 4, 7)
        assert "送达日" in papers.engine.explain(decided).text("zh")

    def test_two_parties_are_served_on_days_of_their_own(self, papers: Papers, decided: int) -> None:
        first, second = papers.opinion(decided, 1), papers.opinion(decided, 2)
        papers.serve(decided, first, 1)
        papers.wait(10)
        papers.serve(decided, second, 2, "post", proof=papers.proof(decided))
        days = {
            one.party: one.last_days[0].due_on for one in papers.engine.documents.services(decided, by=ORGAN)
        }
        assert days == {1: date(2026, 4, 1), 2: date(2026, 4, 13)}

    def test_a_public_notice_counts_after_thirty_days(self, papers: Papers, decided: int) -> None:
        made = papers.opinion(decided, 1)
        why = {"note": "下落不明,张贴于村公告栏", "proof": papers.proof(decided)}
        served = papers.serve(decided, made, 1, "public_notice", **why)
        assert served.served_on == date(2026, 4, 1)
        assert served.last_days[0].due_on == date(2026, 5, 6)
        papers.wait(29)
        assert "petition.review_request" not in papers.running(decided)
        papers.wait(1)
        assert papers.running(decided)["petition.review_request"] == date(2026, 5, 6)

    def test_who_is_served_meanwhile_does_not_wait_for_a_public_notice(
        self, papers: Papers, decided: int
    ) -> None:
        first, second = papers.opinion(decided, 1), papers.opinion(decided, 2)
        why = {"note": "下落不明", "proof": papers.proof(decided)}
        papers.serve(decided, first, 1, "public_notice", **why)
        papers.serve(decided, second, 2)
        assert papers.running(decided)["petition.review_request"] == date(2026, 4, 1)
        papers.wait(30)
        assert papers.running(decided)["petition.review_request"] == date(2026, 5, 6)

    def test_left_or_refused_it_must_be_shown(self, papers: Papers, decided: int) -> None:
        made = papers.opinion(decided, 1)
        for way in ("left", "refused"):
            with pytest.raises(FactError, match="note"):
                papers.serve(decided, made, 1, way, proof=papers.proof(decided))
            with pytest.raises(FactError, match="proof"):
                papers.serve(decided, made, 1, way, note="拒收,村委会李某见证")
        with pytest.raises(NotFound, match="attachment 99"):
            papers.serve(decided, made, 1, "refused", note="拒收,村委会李某见证", proof=99)
        served = papers.serve(
            decided, made, 1, "refused", note="拒收,村委会李某见证", proof=papers.proof(decided)
        )
        assert served.served_on == papers.today
        [(_, data)] = papers.told(decided, Happening.DOCUMENT_SERVED)
        assert "拒收" not in str(data)

    def test_what_cannot_be_is_refused(self, papers: Papers, decided: int) -> None:
        made = papers.opinion(decided, 1)
        with pytest.raises(FactError, match="for party 1"):
            papers.serve(decided, made, 2)
        for day in (papers.today - timedelta(days=1), papers.today + timedelta(days=1)):
            with pytest.raises(FactError, match="cannot be the day"):
                papers.serve(decided, made, 1, day=day)
        papers.serve(decided, made, 1)
        with pytest.raises(AlreadyDone):
            papers.serve(decided, made, 1)
        with pytest.raises(Conflict, match="was served"):
            papers.engine.documents.void(decided, made.seq, reason="作废", by=ORGAN)
        assert "petition.review_request" in papers.running(decided)


class TestKeys:
    def test_what_a_document_says_lies_in_the_database_encrypted(
        self, opener: Opener, clock: FixedClock, tmp_path: Path
    ) -> None:
        keys = FileKeys.create(tmp_path / "keys.json")
        papers = Papers(opener(processes=None, rules=None, keys=keys), clock)
        case = papers.petition("xf:1")
        papers.do(case, "handle", **OPINION)
        made = papers.opinion(case, 1)
        assert "赵大有" in papers.engine.documents.read(case, made.seq, by=ORGAN).decode()
        with papers.engine._runtime.reading() as connection:
            kept = connection.execute(sa.text("SELECT content FROM jiefen_document_file")).scalars().all()
        assert len(kept) == 2
        plain = b64encode(papers.engine.documents.read(case, made.seq, by=ORGAN)).decode()
        assert not any(plain[:40] in str(one) for one in kept)
