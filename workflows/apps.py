from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "workflows"
    verbose_name = "Casos"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the registries: step kinds, job handlers, signing continuations, checks."""
        from accounts.api import on_appointed, register_sealed
        from legaltime.api import on_declared
        from procedures.api import add_file_inspector, draw_names_with, register_subcommand
        from workflows import checks, continuations, handlers, heads, holders, measures, uploads, welcome  # noqa: F401  (checks register by import)
        from workflows.commands.holidays import declared
        from workflows.commands.incidents import look_where_nobody_was
        from workflows.rehearsal import outside
        from workflows.rehearsal import subcommand as testing
        from workflows.steps import register_all
        from workflows.versions import subcommand as migrating

        register_all()
        measures.register_all()
        handlers.register()
        heads.register()
        holders.register()
        continuations.register()
        welcome.register()
        on_appointed(look_where_nobody_was)
        on_declared(declared)
        add_file_inspector(uploads.inspect)
        draw_names_with(uploads.name_as_picture)
        register_subcommand(testing.subcommand())
        register_subcommand(migrating.subcommand())
        outside.register()
        register_sealed("workflows.SubmissionValue", "sealed")
        register_sealed("workflows.EmailCheck", "sealed")
        register_sealed("workflows.ReportedEvent", "sealed")
