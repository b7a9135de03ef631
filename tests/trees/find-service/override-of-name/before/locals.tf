locals {
  name = "bond-ai-dev-backend"
}
