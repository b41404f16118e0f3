package db_test

import (
	"context"
	"errors"
	"testing"

	"smartscheduler/db"
)

// TestSkillsAreAddedRenamedAndDeleted keeps one name for one skill, and deletes
// only what nobody has and no job needs.
func TestSkillsAreAddedRenamedAndDeleted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx, ada, rosa := context.Background(), d.admin(), d.contractor("north", "Rosa")
	for _, name := range []string{"Gas & Heating", "Gas, heating", "床", "Tile"} {
		if err := d.db.AddSkill(ctx, ada, name); err != nil {
			t.Fatalf("add %s: %v", name, err)
		}
	}
	invalidAt(t, d.db.AddSkill(ctx, ada, "tILE"), "name")
	invalidAt(t, d.db.AddSkill(ctx, ada, ""), "name")
	if err := d.db.AddSkill(ctx, d.ann, "Carpet"); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a dispatcher's skill: %v, want ErrNotFound", err)
	}
	if n := d.countRows(`select count(distinct slug) from skills`); n != 4 {
		t.Errorf("%d skills, want 4", n)
	}
	if err := d.db.RenameSkill(ctx, ada, "tile", "Tile", "Tiles"); err != nil {
		t.Fatal(err)
	}
	refusedBy(t, d.db.RenameSkill(ctx, ada, "tile", "Tile", "Tiling"), db.ConflictStale)
	refusedBy(t, d.db.DeleteSkill(ctx, ada, "tile", "Tile"), db.ConflictStale)
	invalidAt(t, d.db.RenameSkill(ctx, ada, "tile", "Tiles", "gas & heating"), "name")
	d.exec(`insert into contractor_skills (contractor_id, skill) values ($1, 'tile')`, rosa)
	invalidAt(t, d.db.DeleteSkill(ctx, ada, "tile", "Tiles"), "name")
	d.exec(`delete from contractor_skills`)
	d.job("north", func(n *db.NewJob) { n.Skills = []string{"tile"} })
	invalidAt(t, d.db.DeleteSkill(ctx, ada, "tile", "Tiles"), "name")
	if err := d.db.DeleteSkill(ctx, ada, "gas-heating", "Gas & Heating"); err != nil {
		t.Error(err)
	}
	list, err := d.db.UsedSkills(ctx)
	if err != nil || len(list) != 3 || list[0].Used() && list[1].Used() {
		t.Errorf("left: %+v, %v", list, err)
	}
}

// TestSkillIsNotDeletedUnderAJob deletes a skill while a job that needs it is
// being entered: the deletion waits, and is refused. Who reads the list
// meanwhile need not wait.
func TestSkillIsNotDeletedUnderAJob(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada := d.admin()
	d.exec(`insert into skills (slug, name) values ('tile', 'Tile')`)
	n, err := d.card(d.job("north")).Entered()
	if err != nil {
		t.Fatal(err)
	}
	n.Skills = []string{"tile"}
	tx := d.begin()
	tx.exec(`lock table sites in exclusive mode`) // where a new job goes after it looked up its skills
	entered, refused := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := d.db.CreateJob(context.Background(), db.Command{By: ada}, n)
		entered <- err
	}()
	d.waiting(entered, 1)
	go func() { refused <- d.db.DeleteSkill(context.Background(), ada, "tile", "Tile") }()
	d.waiting(refused, 2)
	if list, err := d.db.Skills(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("the list reads %+v, %v", list, err)
	}
	tx.commit()
	if err := <-entered; err != nil {
		t.Fatal(err)
	}
	invalidAt(t, <-refused, "name")
}

// waiting returns when so many commands wait for a lock; the newest of them must
// not end before.
func (d *desk) waiting(done <-chan error, commands int) {
	d.t.Helper()
	for d.countRows(`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`) < commands {
		select {
		case err := <-done:
			d.t.Fatalf("the command did not wait: %v", err)
		default:
		}
	}
}

// TestSkillsStayDuringAnImport refuses a change of the skills, in words, while
// an import runs, and changes nothing.
func TestSkillsStayDuringAnImport(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada := d.admin()
	tx := d.begin()
	tx.exec(`select pg_advisory_xact_lock(80)`) // as every import does
	invalidAt(t, d.db.AddSkill(t.Context(), ada, "Tile"), "name")
	if n := d.countRows(`select count(*) from skills`); n != 0 {
		t.Errorf("%d skills, want none", n)
	}
	tx.commit()
	if err := d.db.AddSkill(t.Context(), ada, "Tile"); err != nil {
		t.Error(err)
	}
}
