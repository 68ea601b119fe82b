"""Card templates, curves, bands, bonus plans and the plan linter; pure, over configuration."""
