resource "aws_eip" "other" {
  tags = {
    # Name = "${var.other}-${var.project}-eip"
    "Name" = ( # as the other resources
      "${ var.project }-eip"
    )
  }
}
