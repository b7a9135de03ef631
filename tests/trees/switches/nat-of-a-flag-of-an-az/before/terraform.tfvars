project = "bond-ai"
env     = "dev"
nat     = { a = false, b = false }
