module "service" {
  source   = "./modules/service"
  for_each = toset(["api", "bond-ai-dev"])

  name = each.key
}
