resource "aws_security_group" "worker" {
  name   = "bond-worker"
  vpc_id = "vpc-1"
}

output "security_group_id" {
  value = aws_security_group.worker.id
}
