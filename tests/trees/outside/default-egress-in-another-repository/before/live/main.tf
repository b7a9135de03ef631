module "app" {
  source     = "../shared/app"
  name       = "bond-ai-dev"
  vpc_id     = "vpc-1"
  subnet_ids = ["subnet-a", "subnet-b", "subnet-c"]
}
