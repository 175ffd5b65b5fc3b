# アシスタント自身の言葉。言語ごとに一つのファイルで、キーはすべて同じです。
ai-notice = こちらは AI アシスタントの { $name } です。回答は承認された情報に基づいています。
greeting = こんにちは。AI アシスタントの { $name } です。承認された情報をもとにお答えします。どのようなことをお知りになりたいですか？
quote-lead = 承認された情報「{ $title }」から引用します。
refusal = このご質問にお答えできる承認された情報がないため、推測での回答は控えさせていただきます。担当者がお手伝いできます。
refusal-handoff = このご質問にも、承認された情報からお答えすることができません。担当者にこの会話の引き継ぎを依頼しました。
failure = 申し訳ございません。問題が発生したため、お答えできませんでした。担当者にこの会話の引き継ぎを依頼しました。
away = ただいまお答えできません。担当者にこの会話の引き継ぎを依頼しました。こちらで返信いたします。
person-asked = 担当者にこの会話への参加を依頼しました。こちらに返信いたします。
person-away = ただいま担当者が不在です。メッセージは保存され、戻り次第、担当者がこちらに返信いたします。
person-joined = 担当者が参加しました。ここからは人が対応いたします。
person-left = ここからは再びAIアシスタントがお答えします。
person-late = 担当者の返信に通常より時間がかかっています。メッセージは失われません。メールアドレスを残していただければ、こちらからご連絡いたします。
plans-title = プランと料金
plans-text = { $count } つのプランがあります。月額料金は { $plans } です。
plan-in-list = { $name } が { $price }
plan-title = { $name } プランの料金と AI クレジット
plan-price = { $name } プランの料金（価格）は月額 { $price } で、毎月 { $credits } AI クレジットが含まれます。
plan-includes = ユーザー席数 { $seats }、標準連携 { $integrations }、ペルソナ { $personas }、ナレッジ項目 { $items } が含まれます。サポート: { $support }。会話は { $days } 日間保存されます。
unlimited = 無制限

# メールの言葉。件名と本文のキーが一つずつあります。
mail-invitation-subject = { $business } の Frontoffice チームへのご招待
mail-invitation-body =
    { $business } のチームに招待されています。承認するには、次のリンクを開いてください。

    { $link }

    このリンクは { $days } 日間有効です。お心当たりがない場合は、このメールを無視していただいて構いません。ご同意なしに何かが行われることはありません。
mail-signup-subject = メールアドレスの確認をお願いいたします
mail-signup-body =
    このメールアドレスで { $business } を Frontoffice に登録する手続きが行われています。次のリンクを開いて、メールアドレスを確認し、パスワードを設定してください。

    { $link }

    このリンクは { $hours } 時間有効です。お心当たりがない場合は、このメールを無視していただいて構いません。その場合、登録は行われません。
mail-known-subject = すでにアカウントをお持ちです
mail-known-body =
    どなたか（おそらくご本人）がこのメールアドレスで登録しようとしましたが、このアドレスにはすでにアカウントがあります。通常どおりログインしていただけます。パスワードをお忘れの場合は、こちらから新しいパスワードを設定してください。

    { $link }

    それ以外の場合は、このメールを無視していただいて構いません。
mail-reset-subject = 新しいパスワードの設定のご案内
mail-reset-body =
    どなたか（おそらくご本人）が、このアカウントの新しいパスワードを申請しました。設定するには、次のリンクを開いてください。

    { $link }

    このリンクは { $hours } 時間有効です。お心当たりがない場合は、このメールを無視していただいて構いません。パスワードは変更されません。
mail-changed-subject = パスワードが変更されました
mail-changed-body =
    アカウントのパスワードが変更され、ほかのセッションはすべて終了しました。お心当たりがない場合は、すぐに新しいパスワードを設定してください。

    { $link }

# アカウントのページの言葉。
account-invitation-title = { $business } のチームに参加
account-signup-title = メールアドレスの確認
account-reset-title = 新しいパスワードの設定
account-forgot-title = パスワードをお忘れですか？
account-email = メールアドレス
account-name = お名前
account-password = 新しいパスワード
account-password-hint = 8～1,000 文字。メールアドレスや、よく使われるパスワードは使用できません。
account-submit-invitation = 参加する
account-submit-signup = 登録する
account-submit-reset = パスワードを保存
account-submit-forgot = リンクを送信
account-done-invitation = { $business } のチームに参加しました。ログインしていただけます。
account-done-signup = 登録が完了しました。ログインしていただけます。
account-done-reset = 新しいパスワードを保存し、すべてのセッションを終了しました。ログインしていただけます。
account-done-forgot = このアドレスにアカウントがある場合は、リンクを記載したメールをお送りします。
account-link-over = このリンクは無効か、有効期限が切れています。新しいリンクを申請してください。
account-failed = うまくいきませんでした。しばらくしてからもう一度お試しください。

statement-title = { $business } の利用明細
statement-total = 期間の合計
statement-from = 開始
statement-to = 終了
statement-item = 内訳
statement-version = 料金表の版
statement-credits = AI クレジット
statement-amount = 金額
statement-plan = { $name } プラン（期間分）
statement-proration = { $name } プラン（期間の残り）
statement-overage = プランを超えて使用したクレジット
statement-top-up = 購入したクレジット
statement-final = この期間は終了しており、この明細は今後変わりません。終了日は期間に含まれません。
statement-running = この期間はまだ続いているため、内容が変わることがあります。終了日は期間に含まれません。
