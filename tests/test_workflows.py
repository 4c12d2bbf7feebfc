"""The workflows run make targets and nothing else, and only what publishes may write."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ON_MAIN = "github.event_name == 'push' && github.ref == 'refs/heads/main'"
BOOK = ROOT / ".github" / "workflows" / "book.yml"
NEWEST = ROOT / ".github" / "workflows" / "newest.yml"
LINKS = ROOT / ".github" / "workflows" / "links.yml"
JOBS = [
    pytest.param(job, id=f"{path.stem}-{name}")
    for path in WORKFLOWS
    for name, job in yaml.safe_load(path.read_text())["jobs"].items()
]


def steps(job, key):
    return [step[key] for step in job["steps"] if key in step]


@pytest.mark.parametrize("job", JOBS)
def test_each_command_is_a_make_target(job):
    makefile = (ROOT / "Makefile").read_text()
    for command in steps(job, "run"):
        program, target = command.split()
        assert program == "make"
        assert f"\n{target}:" in makefile, f"the Makefile has no target {target}"


@pytest.mark.parametrize("job", JOBS)
def test_what_may_write_runs_on_main_only_after_the_tests(job):
    writes = [name for name, access in job.get("permissions", {}).items() if access == "write"]
    if writes == ["issues"]:  # what tells of a fault, and can change no file
        assert steps(job, "run") in (["make report-links"], ["make report-newest"])
        assert "github.ref == 'refs/heads/main'" in job["if"]
    elif writes:
        assert job["if"] == ON_MAIN
        assert job["needs"] == "build"


@pytest.mark.parametrize("job", JOBS)
def test_what_may_push_installs_nothing(job):
    if job.get("permissions", {}).get("contents") == "write":
        assert steps(job, "run") == ["make publish-notebooks"]
        actions = {step.partition("@")[0] for step in steps(job, "uses")}
        assert actions == {"actions/checkout", "actions/download-artifact"}


def test_the_build_publishes_what_it_tested():
    build = yaml.safe_load(BOOK.read_text())["jobs"]["build"]
    assert steps(build, "run") == ["make test", "make notebooks-branch"]


def test_nothing_is_granted_that_a_job_does_not_ask_for():
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}


def test_links_are_checked_each_week_by_a_job_that_may_write_nothing():
    workflow = yaml.safe_load(LINKS.read_text())
    (time,) = workflow[True]["schedule"]  # YAML takes "on" for a truth value
    assert time["cron"].split()[2:4] == ["*", "*"]
    assert time["cron"].split()[4].isdigit()
    check = workflow["jobs"]["check"]
    assert "permissions" not in check
    assert steps(check, "run") == ["make check-links"]
    assert workflow["jobs"]["report"]["needs"] == "check"


def test_each_week_the_newest_versions_are_tried_and_the_outcome_is_told():
    workflow = yaml.safe_load(NEWEST.read_text())
    assert set(workflow[True]) == {"schedule", "workflow_dispatch"}
    build, report = workflow["jobs"]["build"], workflow["jobs"]["report"]
    assert "permissions" not in build
    assert steps(build, "run") == ["make newest"]
    assert report["needs"] == "build"
    assert "!cancelled()" in report["if"], "a build that fails would not be told"
    assert report["steps"][-1]["env"]["OUTCOME"] == "${{ needs.build.result }}"


def test_dependencies_are_audited_with_every_change():
    jobs = yaml.safe_load(BOOK.read_text())["jobs"]
    assert steps(jobs["dependencies"], "run") == ["make audit-dependencies"]
    assert "if" not in jobs["dependencies"]


def test_the_book_is_built_twice_and_compared_with_every_change():
    jobs = yaml.safe_load(BOOK.read_text())["jobs"]
    assert steps(jobs["reproducible"], "run") == ["make reproducible"]
    assert "if" not in jobs["reproducible"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_pull_request_reads_no_secret_and_publishes_nothing(path):
    workflow = yaml.safe_load(path.read_text())
    # `pull_request_target` and `workflow_run` would run a fork's code with our rights.
    assert set(workflow[True]) <= {"pull_request", "push", "schedule", "workflow_dispatch"}
    assert "secrets" not in path.read_text()
    if "pull_request" not in workflow[True]:
        return
    for job in workflow["jobs"].values():
        rights = {"contents": "read"} if job.get("if") != ON_MAIN else job.get("permissions")
        assert job.get("permissions", rights) == rights
        assert "github.token" not in str(job) or job["if"] == ON_MAIN
