"""Single sign-on and second factor, through django-allauth; both are off until the operator configures them."""
