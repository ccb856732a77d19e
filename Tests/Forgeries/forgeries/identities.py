"""Who signs: certificates of somebody else, and persons in roles that are not theirs."""

from .base import PEOPLE
from .bundles import ALL, bundle_forgery
from .catalogue import Target, forgery, passes, refused
from .certificates import Made, approved_by, certificate

WHO = "Who signs"

# Identity

UNKNOWN = "integrity is not identity: without a certificate from outside nobody is established, and the check says so; the fingerprint is printed"


def own_certificate(case):
    return certificate(case.folder, "own", "Cy Example")


bundle_forgery(
    "name_on_ones_own_certificate",
    "A forger makes a certificate in Cy Example's name and approves.",
    approved_by(own_certificate),
    group=WHO,
    verify=passes(UNKNOWN, says="not established"),
    paper=passes(UNKNOWN),
)


def trusting(change, trusted, **target):
    """The bundle, and the certificates that the reader has from elsewhere."""

    def make(case):
        bundle = case.bundle()
        change(bundle, case)
        return Target(
            bundle=case.write(bundle), verify_arguments=[part for file in trusted(case) for part in ("--trust", file)], **target
        )

    return make


def real(case):
    return [case.base.signed.certificate(name) for name in PEOPLE]


def trusted(name, attack, change, certificates, word="not established"):
    make = trusting(change, certificates)
    make.__name__ = name
    forgery(WHO, attack, verify=refused(word))(make)


trusted(
    "own_certificate_against_the_real_one",
    "The same, and the reader has Cy Example's real certificate.",
    approved_by(own_certificate),
    real,
)
CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"


def by_false_authority(bundle, case):
    """Root and person as the real ones are called, made by the forger."""
    root = certificate(case.folder, "root", "Trial Root", extensions=CA)
    made = certificate(case.folder, "own", "Cy Example", issuer=root)
    bundle.sign("approved", made.key, made.file, case.folder, "-cades", "-certfile", root.file)


def authority(case):
    folder = case.folder / "authority"
    if not folder.exists():
        folder.mkdir()
        certificate(folder, "real", "Trial Root", extensions=CA)
    return Made(folder / "real.made.key", folder / "real.made.pem")


def ada_and_bo(case):
    return [case.base.signed.certificate("ada"), case.base.signed.certificate("bo"), authority(case).file]


trusted("authority_of_the_same_name", "A forger makes an authority of the trusted one's name.", by_false_authority, ada_and_bo)


def by_another_person(bundle, case):
    """The trusted authority vouches for Mallory, who signs as Cy Example."""
    made = certificate(case.folder, "mallory", "Mallory Example", issuer=authority(case))
    bundle.sign("approved", made.key, made.file, case.folder, "-cades", "-certfile", authority(case).file)


trusted(
    "another_person_of_the_authority",
    "Somebody else whom the trusted authority vouches for signs as Cy Example.",
    by_another_person,
    ada_and_bo,
)
trusted(
    "expired_person_of_the_authority",
    "The trusted authority's certificate for Cy Example had expired.",
    lambda bundle, case: by_expired(bundle, case),
    ada_and_bo,
    "WRONG",
)


def by_expired(bundle, case):
    made = certificate(case.folder, "old", "Cy Example", issuer=authority(case), start="20200101000000Z", end="20210101000000Z")
    bundle.sign("approved", made.key, made.file, case.folder, "-cades", "-certfile", authority(case).file)


TWIN = "an ECDSA signature has a twin that anybody can compute, for the same bytes and the same key: nothing else is said by it; a time-stamp pins the one that was there"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def der(data):
    """The tag, the content and the rest of a DER element."""
    length, start = data[1], 2
    if length >= 128:
        start += length - 128
        length = int.from_bytes(data[2:start], "big")
    return data[0], data[start : start + length], data[start + length :]


def encoded(tag, content):
    length = len(content)
    size = bytes([length]) if length < 128 else bytes([130]) + length.to_bytes(2, "big") if length > 255 else bytes([129, length])
    return bytes([tag]) + size + content


def with_last(data, change):
    """A DER element whose innermost last element has another content; every length around it follows."""
    tag, content, _ = der(data)
    if not tag & 0x20:
        return encoded(tag, change(content))
    kept, rest = b"", content
    while True:
        after = der(rest)[2]
        if not after:
            return encoded(tag, kept + with_last(rest, change))
        kept, rest = kept + rest[: len(rest) - len(after)], after


def twin(bundle, case):
    """s becomes n − s."""

    def other(value):
        _, pair, _ = der(value)
        _, r, rest = der(pair)
        s = ORDER - int.from_bytes(der(rest)[1], "big")
        return encoded(0x30, encoded(2, r) + encoded(2, s.to_bytes(s.bit_length() // 8 + 1, "big")))

    name = bundle.signature("approved")
    was = bundle.files[name]
    bundle.files[name] = with_last(was, other)
    assert with_last(bundle.files[name], other) == was


bundle_forgery(
    "signature_twin", "A signature is replaced by its ECDSA twin.", twin, group=WHO, verify=passes(TWIN), paper=passes(TWIN)
)

# Roles

ROLE = refused("WRONG.*(prepar|role|key|date)|prepared and")


def resigned(**signers):
    """The roles signed by other persons: role=(key's name, name in the manifest)."""

    def change(bundle, case):
        site = case.base.signed
        bundle.manifests()
        for role in ALL:
            key, name = signers.get(role) or next((key, person) for key, (person, of) in PEOPLE.items() if of == role)
            bundle.files[bundle.manifest(role)] = bundle.files[bundle.manifest(role)].replace(
                next(person for person, of in PEOPLE.values() if of == role).encode(), name.encode()
            )
            bundle.sign(role, site.key(key), site.certificate(key), case.folder)

    return change


def giving(role, name, then):
    """The dossier gives a person a role more."""

    def change(bundle, case):
        old = next(person for person, of in PEOPLE.values() if of == role)
        text = bundle.files["dossier/dossier.json"].decode()
        place = text.index('"sign_off":')
        bundle.files["dossier/dossier.json"] = (text[:place] + text[place:].replace(old, name)).encode()
        then(bundle, case)

    return change


bundle_forgery(
    "approver_is_preparer_in_bundle",
    "Who prepared approves, and the dossier gives her both roles.",
    giving("approved", "Ada Example", resigned(approved=("ada", "Ada Example"))),
    verify=ROLE,
    paper=ROLE,
    group=WHO,
)
bundle_forgery(
    "reviewer_is_preparer_in_bundle",
    "Who prepared reviews, and the dossier gives her both roles.",
    giving("reviewed", "Ada Example", resigned(reviewed=("ada", "Ada Example"))),
    verify=ROLE,
    paper=ROLE,
    group=WHO,
)
bundle_forgery(
    "one_key_of_two_persons_in_bundle",
    "One key signs as Ada Example, who prepared, and as Cy Example, who approves.",
    resigned(approved=("ada", "Cy Example")),
    verify=ROLE,
    paper=ROLE,
    group=WHO,
)
bundle_forgery(
    "one_key_reviews_in_bundle",
    "One key signs as Ada Example, who prepared, and as Bo Example, who reviews.",
    resigned(reviewed=("ada", "Bo Example")),
    verify=ROLE,
    paper=ROLE,
    group=WHO,
)
bundle_forgery(
    "role_not_held_in_bundle",
    "Somebody approves to whom the dossier does not give the role.",
    resigned(approved=("bo", "Bo Example")),
    verify=ROLE,
    paper=ROLE,
    group=WHO,
)


def same_key_other_certificate(bundle, case):
    """Ada's key, in a certificate that names Cy Example."""
    made = certificate(case.folder, "cy-of-ada", "Cy Example", key=case.base.signed.key("ada"))
    bundle.sign("approved", made.key, made.file, case.folder)


bundle_forgery(
    "one_key_in_two_certificates",
    "One key approves as Cy Example, in a certificate of its own in that name.",
    same_key_other_certificate,
    verify=ROLE,
    paper=ROLE,
    group=WHO,
)


def dated(date, start="20200101000000Z"):
    def change(bundle, case):
        bundle.manifests(Date=date)
        for key, (person, role) in PEOPLE.items():
            made = certificate(case.folder, key, person, start=start)
            bundle.sign(role, made.key, made.file, case.folder)

    return change


bundle_forgery(
    "signed_before_the_records",
    "The signatures are dated before the records that they are over.",
    dated("2020-06-01T00:00:00.000Z"),
    verify=ROLE,
    paper=ROLE,
    group=WHO,
)
bundle_forgery(
    "signed_in_the_future",
    "The signatures are of a day to come.",
    dated("2039-06-01T00:00:00.000Z"),
    verify=ROLE,
    paper=ROLE,
    group=WHO,
)


def added(role, name, person=None):
    """Somebody without any of the keys adds a signature of their own."""

    def change(bundle, case):
        label = role + "-0123456789ab"
        manifest = bundle.files[bundle.manifest("approved")]
        old = bundle.signature("approved")
        for was, now in (
            (old.encode(), ("META-INF/signature-%s.p7s" % label).encode()),
            (b'Role="approved"', b'Role="%s"' % role.encode()),
            (b'Name="Cy Example"', b'Name="%s"' % name.encode()),
        ):
            manifest = manifest.replace(was, now)
        made = certificate(case.folder, "added", name)
        extra = type(bundle)({"META-INF/ASiCManifest-%s.xml" % label: manifest, "META-INF/signature-%s.p7s" % label: b""})
        extra.sign(role, made.key, made.file, case.folder)
        bundle.files.update(extra.files)

    return change


bundle_forgery(
    "role_that_nobody_gave",
    'A stranger adds a signature as "certified".',
    added("certified", "Notified Body 1234"),
    verify=ROLE,
    paper=ROLE,
    group=WHO,
)
bundle_forgery(
    "approval_of_a_stranger",
    "A stranger adds an approval in his own name.",
    added("approved", "Mallory Example"),
    verify=ROLE,
    paper=ROLE,
    group=WHO,
)
bundle_forgery(
    "second_approval",
    "A stranger adds a second approval in Cy Example's name.",
    added("approved", "Cy Example"),
    group=WHO,
    verify=passes(UNKNOWN, says="not established"),
    paper=passes(UNKNOWN),
)
trusted(
    "second_approval_against_the_real_ones",
    "The same, and the reader has the real certificates.",
    added("approved", "Cy Example"),
    real,
)


def one_key_of_the_others(bundle, case):
    """Bo's key reviews as Bo Example and approves as Cy Example."""
    made = certificate(case.folder, "cy-of-bo", "Cy Example", key=case.base.signed.key("bo"))
    bundle.sign("approved", made.key, made.file, case.folder)


bundle_forgery(
    "one_key_reviews_and_approves_in_bundle",
    "One key reviews as Bo Example and approves as Cy Example.",
    one_key_of_the_others,
    verify=ROLE,
    paper=ROLE,
    group=WHO,
)
