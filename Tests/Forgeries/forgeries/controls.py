"""What is honest, so that a refusal of a forgery means something."""

from .catalogue import Target, forgery, passes

GROUP = "Nothing forged"
HONEST = "nothing is forged"


@forgery(
    GROUP,
    "The honest project and its bundle.",
    sign=passes(HONEST),
    verify=passes(HONEST, says="^INTACT", never="WRONG"),
    runs=passes(HONEST, never="WRONG"),
    paper=passes(HONEST, never="WRONG"),
)
def honest(case):
    return Target(case.ready().folder, case.base.signed.bundle)


@forgery(
    GROUP,
    "The honest project against the checkpoint and key that somebody else keeps, and the persons' certificates.",
    verify=passes(HONEST, says="identity"),
    runs=passes(HONEST),
)
def honest_from_outside(case):
    site = case.signed()
    trust = [part for name in ("ada", "bo", "cy") for part in ("--trust", site.certificate(name))]
    return Target(
        site.folder,
        site.bundle,
        verify_arguments=(*trust, "--key", case.base.outside_key),
        runs_arguments=(*trust, "--checkpoint", case.base.outside_checkpoint, "--key", case.base.outside_key),
    )


@forgery(
    GROUP,
    "The same content, signed anew by the same persons with `openssl` and packed by another program.",
    verify=passes(HONEST, says="^INTACT"),
    paper=passes(HONEST),
)
def honest_signed_elsewhere(case):
    bundle = case.bundle()
    bundle.resign(case.base.signed, case.folder)
    return Target(bundle=case.write(bundle))


@forgery(GROUP, "The honest bundle with an authority's time-stamp.", verify=passes(HONEST, says="time-stamp"), paper=passes(HONEST))
def honest_with_a_time_stamp(case):
    return Target(bundle=case.base.stamped.bundle)
