"""What is wrong with users: their passwords, their names and their addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..identity import NAME_CHARACTERS, fold, loose
from ..text import one_line
from ..user import User
from .report import Finding, SourceReport, count


def look_at_source(report: SourceReport) -> Iterator[Finding]:
    """Look at what one source answered, for itself."""
    source = report.name
    if report.error:
        remedy = "until this works, every list is an error, and so is every login that reaches this source"
        yield Finding("source-error", report.error, remedy)
        return
    if report.let_in:
        who = one_line(" and ".join(report.let_in))
        text = f"{source} lets in {who} with a random password: everybody can read every archive"
        remedy = "do not use this in MailStore; correct auth_query or the program that checks the password"
        yield Finding("any-password", text, remedy)
    if report.unread:
        remedy = "the list works, but every login that reaches this source is an error until this works, too"
        yield Finding("logins-unread", f"stored passwords cannot be looked at: {report.unread}", remedy)
    if not report.users:
        yield Finding("nobody", f"{source} lists nobody", "correct its query or its file")
    if report.unprotected:
        remedy = "give tls, or install psycopg[binary], which brings a newer libpq, into lib/vendor"
        yield Finding("unprotected", f"{source}: {report.unprotected}", remedy, problem=False)
    if number := report.skipped_uids:
        text = f"{source} leaves out {count(number, 'account')} whose numbers belong to system accounts"
        remedy = "if people are among them, set min_uid and max_uid"
        yield Finding("skipped-uids", text, remedy, problem=False)
    if without := [user.user_name for user in report.users if not user.email_addresses]:
        text = f"{source}: {count(len(without), 'user')} without an address, such as {without[0]}"
        remedy = "MailStore cannot file mail for them: give them addresses, or leave them out"
        yield Finding("no-address", text, remedy)
    left = [f"{one_line(cell)} of {one_line(user.user_name)}" for user in report.users for cell in user.left_over]
    if left := left + [one_line(each) for each in report.left_over]:
        what = "1 value that is no address" if len(left) == 1 else f"{len(left):,} values that are no addresses"
        text = f"{source}: cells of addresses hold {what}, such as {left[0]}"
        yield Finding("left-over", text, "correct them, or leave them out of the query or the file")
    yield from _look_at_withheld(report)
    yield from _look_at_passwords(report)


def _look_at_withheld(report: SourceReport) -> Iterator[Finding]:
    entered: dict[str, list[str]] = {}
    for user in report.users:
        for address in user.withheld:
            entered.setdefault(fold(address), []).append(user.user_name)
    for address, names in entered.items():
        who = one_line(" or ".join(names))
        text = f"{report.name}: the address {address} is not given to {who}, who entered it: somebody else has it too"
        yield Finding("withheld-address", text, "find out whose it is, and take it out of the other's profile")


def _look_at_passwords(report: SourceReport) -> Iterator[Finding]:
    seen = f" (the passwords{report.sample} were looked at)" if report.sample else ""
    for kind in report.schemes or ():
        stored = f"{report.name}: {count(kind.count, 'stored password')}"
        if not kind.readable:
            text = f"{stored} as {kind.scheme} cannot be read{seen}: {kind.problem}"
            remedy = "see docs/passwords.md; these users get an error at login"
            yield Finding("unreadable-passwords", text, remedy)
        elif kind.weak:
            text = f"{stored} of the weak scheme {kind.scheme}{seen}"
            remedy = "let the application store a stronger one when users change their passwords"
            yield Finding("weak-passwords", text, remedy, problem=False)
    if report.nobody_can_log_in:
        total = f" (of {len(report.users):,})" if report.sample else ""
        text = f"{report.name}: nobody can log in: {count(report.looked_at, 'user')}{total} looked at, and none has"
        text += " a readable password"
        remedy = "name the column or the file of the passwords, and let logins be found by the user names of the"
        yield Finding("no-passwords", text, f"{remedy} list")


def look_at_names(sources: list[SourceReport]) -> Iterator[Finding]:
    """Find names that two sources have, and names of one source that are hard to tell apart."""
    first: dict[str, str] = {}
    for report in sources:
        alike: dict[str, str] = {}
        for user in report.users:
            name = user.user_name
            if len(sources) > 1 and (owner := first.setdefault(name, report.name)) != report.name:
                yield Finding("twice", f"{report.name}: {name} is in {owner} too, which wins", "leave it out of one")
            other = alike.setdefault(loose(name), name)
            if other != name:
                in_case = other.casefold() == name.casefold()
                how = "case" if in_case else "case, accents, blanks or invisible characters"
                text = f"{report.name}: {name} and {other} of {report.name} differ only in {how}"
                yield Finding("alike", text, "MailStore may take them for one user: rename one", problem=in_case)


def look_at_addresses(
    sources: list[SourceReport], given: list[list[list[str]]], contested: dict[str, list[str]]
) -> Iterator[Finding]:
    """Find addresses that two users claim, and unusual ones.

    Args:
        sources: what the sources answered. Their users have only the addresses that the list gives them.
        given: the addresses that each source gives its users.
        contested: addresses that nobody gets, each with the names that differ from it in case.
    """
    for address, names in contested.items():
        text = f"nobody gets the address {address}: the user names {', '.join(names)} differ from it only in case"
        yield Finding("contested", text, "rename all of these users but one, or leave them out")
    owners: dict[str, tuple[User, list[str]]] = {}
    for report, lists in zip(sources, given, strict=True):
        for user, addresses in zip(report.users, lists, strict=True):
            for address in addresses:
                folded = fold(address)
                first = owners.setdefault(folded, (user, addresses))
                if first[0] is not user and folded not in contested:
                    yield _explain_clash(report.name, address, first, (user, addresses))
                if "." not in address.rpartition("@")[2] or not address.isprintable() or len(address) > 254:
                    text = f"{report.name}: {user.user_name} has an unusual address: {address}"
                    yield Finding("unusual-address", text, "correct it if it is a mistake", problem=False)


def _explain_clash(source: str, address: str, *claims: tuple[User, list[str]]) -> Finding:
    folded = fold(address)
    own = any(folded in (fold(user.user_name), fold(addresses[0])) for user, addresses in claims)
    getting = [user.user_name for user, _ in claims if folded in map(fold, user.email_addresses)]
    names = [user.user_name for user, _ in claims]
    remedy = "mail to it is filed for both: that is right for a distribution list; otherwise give it to one"
    if len(getting) < len(claims):
        remedy = f"mail to it is filed for {getting[0]} alone" if getting else "neither gets it: it is somebody else's"
    return Finding("shared-address", f"{source}: {' and '.join(names)} both have the address {address}", remedy, own)


def look_at_skipped(skip: Iterable[str], used: set[str]) -> Iterator[Finding]:
    """Find entries of ``users(skip=…)`` that match nobody."""
    for entry in skip:
        if entry not in used:
            text = f"users(skip=…): {one_line(entry)} matches nobody"
            yield Finding("skip-unused", text, "correct it if it is mistyped, or take it out", problem=False)


def name_alike(typed: str, users: Iterable[User]) -> str:
    """Return a sentence about the listed user whose name is almost the one that was typed; empty without one.

    It follows another sentence, which says that no source knows the user. Only for people who may see the list:
    MailStore's answer to such a login is a plain no.
    """
    wanted = loose(typed[:NAME_CHARACTERS])
    names = {user.user_name for user in users}
    alike = sorted(name for name in names if loose(name) == wanted) if typed not in names else []
    return f". {alike[0]} exists: names are compared letter by letter" if alike else ""
