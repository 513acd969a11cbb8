"""`daymark import` and `daymark keys`: a file becomes figures."""

import gzip
import json

import httpx

from tests.journeys.running import KEY, contact, employment, run


def figure(up, beginning):
    """The sum of the series whose line begins so."""
    return sum(float(line.rpartition(" ")[2]) for line in up.figures().splitlines() if line.startswith(beginning))


def test_a_file_goes_to_both_services_and_is_in_the_figures_on_return(up, tmp_path):
    authority = "E99000101"
    lines = [contact(number, authority) for number in range(30)] + [
        employment(number, authority) for number in range(4)
    ]
    (tmp_path / "events.ndjson").write_text("\n".join(lines))
    result = run("import", tmp_path / "events.ndjson", *up.urls, "--key", KEY, "--wait", "--batch", "7")
    assert (result.returncode, result.stdout) == (0, "accepted 34, duplicate 0, refused 0\n"), result.stderr
    assert httpx.get(up.report["metrics"] + "/status").json()["authorities"][authority]["applied"] == 34


def test_a_second_import_changes_nothing_and_gzip_is_the_same_file(up, tmp_path):
    line = contact(1, "E99000102")
    (tmp_path / "a.ndjson").write_text(line)
    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(line.encode()))
    said = [run("import", tmp_path / name, *up.urls, "--key", KEY).stdout for name in ("a.ndjson", "a.ndjson.gz")]
    assert said == ["accepted 1, duplicate 0, refused 0\n", "accepted 0, duplicate 1, refused 0\n"]


def test_what_is_refused_is_explained_and_kept_for_correction(up, tmp_path):
    file = tmp_path / "mixed.ndjson"
    bad = contact(2, "E99000103", data={"child_id": "secret-child", "source_code": "99"})
    file.write_text("\n".join([contact(1, "E99000103"), bad, "", "nonsense"]))
    result = run("import", file, *up.urls, "--key", KEY)
    assert result.returncode == 1
    assert result.stdout == "accepted 1, duplicate 0, refused 2 (bad_payload 1, not_json 1)\n"
    assert "line 2: bad_payload: " in result.stderr
    assert "line 4: not_json: " in result.stderr
    assert "secret-child" not in result.stderr
    assert (tmp_path / "mixed.ndjson.refused.ndjson").read_text().splitlines() == [bad, "nonsense"]


def test_standard_input_is_a_file_like_any_other(up, tmp_path):
    result = run("import", "-", *up.urls, stdin=contact(1, "E99000104") + "\nnonsense\n", cwd=tmp_path, DAYMARK_KEY=KEY)
    assert (result.returncode, result.stdout) == (1, "accepted 1, duplicate 0, refused 1 (not_json 1)\n")
    assert (tmp_path / "stdin.refused.ndjson").read_text() == "nonsense\n"


def test_without_a_service_it_says_so_and_exits_with_2(up, tmp_path):
    (tmp_path / "a").write_text(contact(1))
    result = run("import", tmp_path / "a", *up.urls, "--key", "wrong")
    assert (result.returncode, result.stdout) == (2, "")
    assert "referrals answered 401" in result.stderr


def test_a_key_covers_its_authority_until_it_is_revoked(up, tmp_path):
    made = run("keys", "add", "North recording system", "--authority", "E99000105", "--data", up.data)
    key = made.stdout.strip()
    assert key not in (up.data / "up.json").read_text()
    file = tmp_path / "a"
    file.write_text(contact(1, "E99000105") + "\n" + contact(1, "E99000106"))
    result = run("import", file, *up.urls, "--key", key)
    assert (result.returncode, result.stdout) == (1, "accepted 1, duplicate 0, refused 1 (not_covered 1)\n")
    listed = run("keys", "list", "--data", up.data).stdout
    assert "North recording" in listed
    assert key not in listed
    number = made.stderr.split()[2].rstrip(",")
    assert run("keys", "revoke", number, "--data", up.data).returncode == 0
    assert run("keys", "revoke", number, "--data", up.data).returncode == 2


def test_keys_are_made_before_anything_runs(tmp_path):
    assert run("keys", "add", "First", "--authority", "*", "--data", tmp_path / "d").returncode == 0
    assert "First" in run("keys", "list", "--data", tmp_path / "d").stdout


def test_a_rehearsal_is_accepted_whole(up, tmp_path):
    file = tmp_path / "r.ndjson.gz"
    assert run("rehearse", "--seed", 9, "--days", 5, "--size", 0.05, "--out", file).returncode == 0
    result = run("import", file, *up.urls, "--key", KEY, "--wait")
    lines = gzip.decompress(file.read_bytes()).splitlines()
    assert result.stdout == f"accepted {len(lines):,}, duplicate 0, refused 0\n"
    authority = json.loads(lines[0])["authority"]
    assert figure(up, f'csc_caseload_cases{{authority="{authority}"') > 0
