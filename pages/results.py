"""Results: how good the network is, what it is wrong about, and how much of that is luck."""

from ui import results_lesson
from ui.frame import close_page, open_page
from ui.take_home import take_home

page = open_page("results", results_lesson.choices())
part, judged = results_lesson.choose()
if judged is not None:
    results_lesson.show(part, judged)
take_home()

close_page(page)
