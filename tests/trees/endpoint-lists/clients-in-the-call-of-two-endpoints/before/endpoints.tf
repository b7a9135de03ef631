resource "aws_security_group" "batch" {
  name   = "bond-batch"
  vpc_id = "vpc-1"
}

module "endpoints" {
  source = "./endpoints"

  name       = "bond"
  vpc_id     = "vpc-1"
  subnet_ids = ["subnet-a", "subnet-b"]
  services   = ["secretsmanager", "kms"]

  allowed_security_groups = [
    aws_security_group.batch.id,
  ]
}
