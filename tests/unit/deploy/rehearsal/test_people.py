from random import Random

from deploy.rehearsal.people import Register


def test_families_have_one_to_five_children_and_one_and_three_quarters_on_average() -> None:
    register = Register(Random(1))
    sizes = [len(register.newcomers().children) for _ in range(2000)]
    assert set(sizes) == {1, 2, 3, 4, 5}
    assert 1.70 < sum(sizes) / len(sizes) < 1.80


def test_a_family_comes_back_within_twelve_months_of_its_referral() -> None:
    register = Register(Random(1))
    family = register.newcomers()
    family.referred = 1000
    register.let_go(family)
    assert register.returning(1364) is family


def test_a_family_does_not_come_back_after_a_year_or_while_something_is_open() -> None:
    register = Register(Random(1))
    for day, known in ((1000, False), (1300, True)):
        family = register.newcomers()
        family.referred = day
        register.let_go(family)
        family.known = known
    assert register.returning(1365) is None


def test_contacts_are_at_times_about_a_family_of_before() -> None:
    register = Register(Random(1))
    children = [family.children[0] for family in (register.passing() for _ in range(6000))]
    assert 0.5 < len(set(children)) / len(children) < 0.95
