"""The voices: what there is and how it does, and whose order of preference counts where."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..domain.roles import Role
from ..errors import Invalid
from ..services import (
    audition,
    broadcasts,
    lexicon,
    manners,
    recordings,
    scripts,
    speakers,
    stations,
    voice_orders,
    voices,
)
from ..services.broadcasts import Followed
from ..services.recordings import HUMAN
from ..services.voice_orders import Orders, Place
from ..storage.tables import Script, Station
from .door import allow, db, studio, visitor

bp = Blueprint("voices", __name__, url_prefix="/voices")

SENTENCE = "Kính thưa bà con, hôm nay thời tiết đẹp, mời bà con nghe gương người tốt việc tốt."
LONGEST = 200


@bp.get("")
@allow(Role.ADMIN)
def index() -> ResponseReturnValue:
    """Every voice. `measure`: how fast each is on this machine; `sentence`: what is said to try them."""
    return _index()


def _index(mistake: Invalid | None = None) -> str:
    orders = Orders(db(), studio())
    working = [station for station in stations.list_stations(db()) if station.active]
    return render_template(
        "voices/index.html",
        voices=voices.list_voices(studio(), measure=bool(request.args.get("measure"))),
        sentence=request.args.get("sentence", "").strip()[:LONGEST] or SENTENCE,
        longest=LONGEST,
        order=_places(orders, None),
        source=orders.source(None, None),
        spare=_spare(orders.of(None, None)),
        in_force=manners.in_force(studio().settings),
        typed=mistake and request.form,
        mistake=mistake,
        stations=[(station, _places(orders, station)) for station in working],
    )


@bp.post("/order")
@allow(Role.ADMIN)
def save_order() -> ResponseReturnValue:
    """Change the Centre's order by one step."""
    before = Orders(db(), studio()).of(None, None)
    voice_orders.set_centre_order(db(), studio(), _stepped(before))
    return _saved(broadcasts.follow(db(), studio()), url_for(".index", _anchor="thu-tu"))


@bp.post("/manner")
@allow(Role.ADMIN)
def save_manner() -> ResponseReturnValue:
    """Choose speed and pitch of the embedded voices, or go back to those of the settings."""
    manner = None
    if request.form.get("do") != "default":
        try:
            current = manners.in_force(studio().settings).manner
            manner = manners.typed(request.form.get("rate", ""), request.form.get("pitch", ""), instead=current)
        except Invalid as mistake:
            return _index(mistake), mistake.http_status
    told = _told(manners.choose(db(), studio(), manner))
    flash(" ".join(["Đã lưu tốc độ và độ cao của giọng máy.", *told]))
    return redirect(url_for(".index", _anchor="toc-do"))


@bp.post("/try")
@allow(Role.ADMIN)
def let_try() -> ResponseReturnValue:
    """End the rest of a voice: the next thing it is to say is a trial."""
    voice = voices.let_try(db(), studio(), request.form.get("voice", ""))
    flash(f"“{voice.title}” được thử lại ngay ở lần đọc tới. Nếu vẫn lỗi thì lại nghỉ.")
    return redirect(url_for(".index"))


@bp.get("/stations/<int:station_id>")
@allow(Role.ADMIN)
def station(station_id: int) -> ResponseReturnValue:
    """The order of one station."""
    found = stations.get_station(db(), station_id)
    orders = Orders(db(), studio())
    order = _places(orders, found)
    spare = _spare([place.name for place in order])
    return render_template(
        "voices/station.html", station=found, order=order, source=orders.source(found, None), spare=spare
    )


@bp.post("/stations/<int:station_id>/order")
@allow(Role.ADMIN)
def save_station(station_id: int) -> ResponseReturnValue:
    """Change a station's order by one step."""
    found = stations.get_station(db(), station_id)
    before = Orders(db(), studio()).of(found, None)
    voice_orders.set_station_order(db(), studio(), found, _stepped(before))
    changed = broadcasts.follow(db(), studio(), station_ids=[found.id])
    return _saved(changed, url_for(".station", station_id=found.id))


@bp.get("/scripts/<int:script_id>")
@allow(Role.EDITOR, Role.APPROVER, Role.PLANNER, Role.ADMIN)
def script(script_id: int) -> ResponseReturnValue:
    """Who speaks in one script: its order, and a voice for each name in its text."""
    found = scripts.get_script(db(), script_id)
    orders = Orders(db(), studio())
    order = voice_orders.places(studio(), orders.of(None, found))
    return render_template(
        "voices/script.html",
        script=found,
        order=order,
        source=orders.source(None, found),
        spare=_spare([place.name for place in order], internal=found.is_internal),
        labels=[] if found.shell else speakers.labels(found),
        first_turns=speakers.first_turns(found),
        main=next((place.name for place in order if not (place.is_human or place.is_missing)), ""),
        is_conversation=found.genre in speakers.GENRES,
        voices=[voice for voice in studio().voices.values() if not (found.is_internal and voice.leaves_the_house)],
        sentences=[] if found.shell else audition.sentences_to_try(found),
        sentence=SENTENCE,
        longest=LONGEST,
    )


@bp.post("/scripts/<int:script_id>/order")
@allow(Role.EDITOR)
def save_script(script_id: int) -> ResponseReturnValue:
    """Change a script's order by one step."""
    found = scripts.get_script(db(), script_id, lock=True)
    before = Orders(db(), studio()).of(None, found)
    voice_orders.set_script_order(db(), studio(), found, _stepped(before), is_internal=found.is_internal)
    changed = broadcasts.follow(db(), studio(), script_id=script_id)
    return _saved(changed, url_for(".script", script_id=script_id))


@bp.post("/scripts/<int:script_id>/speakers")
@allow(Role.EDITOR)
def save_speakers(script_id: int) -> ResponseReturnValue:
    """Give the names in the text their voices; naming one more or less makes a new revision."""
    pairs = zip(request.form.getlist("label"), request.form.getlist("voice"), strict=False)
    named = {label: voice for label, voice in pairs if voice}
    with studio().database.reading() as session:
        seen = scripts.get_script(session, script_id)
        text = speakers.read(studio(), seen, named, lexicon.merged(session, script_id=script_id))
        base = seen.latest.number
    revision = speakers.set_speakers(
        db(),
        studio(),
        script_id,
        named,
        author_id=visitor().account_id,
        text=text,
        note="Chọn giọng cho từng người nói",
        base=base,
    )
    if revision.number == base:
        flash("Đã lưu giọng của từng người nói. Chữ không đổi nên không phải duyệt lại.")
    else:
        flash(
            f"Đã lưu giọng của từng người nói, thành bản {revision.number}, vì tên người nói nay đọc khác. "
            "Bài cần duyệt lại."
        )
    return redirect(url_for(".script", script_id=script_id))


@bp.app_template_global("voice_order_of")
def order_of(script: Script) -> list[Place]:
    """The order of a script at the Centre."""
    return voice_orders.places(studio(), voice_orders.order_for(db(), studio(), None, script))


@bp.app_template_global("station_voice_order")
def order_of_station(station: Station) -> list[Place]:
    """The order at a station, for scripts without one of their own."""
    return voice_orders.places(studio(), voice_orders.order_for(db(), studio(), station, None))


@bp.app_template_global("voice_title")
def title_of(name: str) -> str:
    """What a person calls a voice."""
    return voice_orders.title_of(studio(), name)


@bp.app_template_global("leaving_voices")
def leaving_voices(names: Sequence[str] | None = None) -> list[str]:
    """What a person calls those of these voices that send the text away; None: of the installation's own voice."""
    asked = [studio().settings.voice] if names is None else dict.fromkeys(names)
    return [voice_orders.title_of(studio(), name) for name in asked if voice_orders.leaves(studio(), name)]


def _places(orders: Orders, station: Station | None) -> list[Place]:
    return voice_orders.places(studio(), orders.of(station, None))


def _spare(order: Sequence[str], *, internal: bool = False) -> list[tuple[str, str]]:
    """Voices that may be added to an order: pairs of name and title, with a word where the text leaves the house."""
    away = " (gửi lời đọc ra ngoài)"
    able = [
        (voice.name, voice.title + (away if voice.leaves_the_house else ""))
        for voice in studio().voices.values()
        if not (internal and voice.leaves_the_house)
    ]
    return [pair for pair in [(HUMAN, recordings.TITLE), *able] if pair[0] not in order]


def _stepped(before: Sequence[str]) -> list[str]:
    """The order after the one step a form asks for: up, down, drop, add or default. Raises Invalid."""
    order = list(before)
    step, _, name = request.form.get("do", "").partition(":")
    if step == "default":
        return []
    if step == "add":
        return [*order, request.form.get("add", "")]
    if name not in order:
        raise Invalid("Thứ tự giọng đọc vừa đổi. Hãy tải lại trang rồi làm lại.")
    place = order.index(name)
    order.remove(name)
    if step == "drop":
        if not order:
            raise Invalid("Thứ tự cần ít nhất một giọng. Hãy thêm giọng khác trước khi bỏ giọng này.")
        return order
    order.insert(max(0, place - 1) if step == "up" else place + 1, name)
    return order


def _saved(followed: Followed, address: str) -> ResponseReturnValue:
    flash(" ".join(["Đã lưu thứ tự giọng đọc.", *_told(followed)]))
    return redirect(address)


def _told(followed: Followed) -> list[str]:
    """What becomes of the broadcasts ahead, a sentence for each that there is."""
    sentences = (
        (followed.now, "buổi phát sắp tới đổi theo."),
        (followed.later, "buổi giữ bản thu đang có, thu xong giọng mới thì đổi theo."),
        (followed.packed, "buổi đã đóng gói giữ nguyên."),
    )
    return [f"{count} {what}" for count, what in sentences if count]
